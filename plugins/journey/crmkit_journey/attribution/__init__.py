"""Attribution: which touches led to what."""
