package session

// State is where a session stands, as its user sees it.
type State uint8

// Connected: leased, by the local clock. Jeopardy: the lease has run out by the local clock and
// nothing is decided yet: the cache is off, calls wait. Expired and Closed are final.
const (
	Connected State = iota + 1
	Jeopardy
	Expired
	Closed
)

// String is the word in logs.
func (s State) String() string {
	switch s {
	case Connected:
		return "connected"
	case Jeopardy:
		return "jeopardy"
	case Expired:
		return "expired"
	case Closed:
		return "closed"
	}
	return "starting"
}
