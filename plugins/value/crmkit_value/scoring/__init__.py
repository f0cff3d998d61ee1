"""Which computations of scores there were: each as of a day, all of it or none of it. What rooms keep hangs on one."""
