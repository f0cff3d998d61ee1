"""Where agents work: the inbox, the page of a case, macros and saved replies, who is at what, the wallboard."""
