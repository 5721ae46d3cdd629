package directory

const (
	// MaxRegistrations is how many names one session may cache at a time; over it answers are
	// not cachable (B2).
	MaxRegistrations = 200_000
	// MaxTotal is how many names all sessions together may cache at a time (B2).
	MaxTotal = 4_000_000
	// penaltyLeases is how many cache leases a session fills nothing for, after a round had to
	// wait for its lapse (C10).
	penaltyLeases = 10
)
