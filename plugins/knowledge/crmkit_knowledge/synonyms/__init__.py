"""Words that say the same: whoever searches for one of them finds the others, too."""
