"""Reports: figures with their definitions, as they stood at a time, for whom they are, with the rows behind them; and
the goals that figures are held against."""
