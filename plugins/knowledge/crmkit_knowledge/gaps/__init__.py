"""What is asked again and again and no article answers, and what several articles say alike."""
