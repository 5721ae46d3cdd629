package check

import "fmt"

// Mastership checks that at no instant of true time two machines hold the mastership lease by
// their own clocks (L9).
type Mastership struct {
	court *Court
	// Changes counts how often the mastership went from one machine to another.
	Changes int
	newest  int
}

// NewMastership has seen no master.
func NewMastership(c *Court) *Mastership { return &Mastership{court: c, newest: -1} }

// Holders says which machines hold the mastership now, each by its own clock.
func (m *Mastership) Holders(at fmt.Stringer, machines []int) {
	if len(machines) > 1 {
		m.court.Fail("L9", "at %v machines %v all hold the mastership", at, machines)
	}
	if len(machines) == 1 && machines[0] != m.newest {
		m.newest = machines[0]
		m.Changes++
	}
}
