package record

// A process that is killed while it signs leaves the old record or the new one.

const killedSign = "FLIGHTPOLL_TEST_SIGN"

func signForever() int { return 0 }
