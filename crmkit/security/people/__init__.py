"""Users and teams: adding, changing and moving them, and handing over what somebody who leaves has had."""
