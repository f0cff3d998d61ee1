"""What every door over the network shares: who calls, in which language, from where, and how errors are said."""
