"""What values show: maps, grids, curves, moves, what winning customers costs, and where there is room to grow."""
