"""What a programme brings: who takes part and how, how tiers move, and what those who take part buy more than those who
were held out of it by chance."""
