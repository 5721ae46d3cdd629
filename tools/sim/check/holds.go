package check

// Holds checks that at most one session has an exclusive hold of a name at any instant of true
// time, by the holders' own Contexts (C1), and that tokens grow (C2).
type Holds struct {
	court  *Court
	byName map[string]*lock
	// Granted counts the holds that were handed to a client.
	Granted int
}

type lock struct {
	holders       []Holder
	newest        uint64 // token
	newestExclude uint64 // of an exclusive hold
}

// Holder is a client with a hold. Alive reports whether its Context has not ended, now.
type Holder struct {
	Client int
	Token  uint64
	Hold   uint64
	Shared bool
	Alive  func() bool
}

// NewHolds has seen nothing.
func NewHolds(c *Court) *Holds { return &Holds{court: c, byName: map[string]*lock{}} }

// Grant says that a client was handed a hold of name.
func (h *Holds) Grant(name string, g Holder) {
	l := h.byName[name]
	if l == nil {
		l = &lock{}
		h.byName[name] = l
	}
	h.Granted++
	kept := l.holders[:0]
	for _, o := range l.holders {
		if !o.Alive() {
			continue
		}
		kept = append(kept, o)
		if !(o.Shared && g.Shared) {
			h.court.Fail("C1", "client %d was given %s with token %d while client %d holds it with token %d",
				g.Client, name, g.Token, o.Client, o.Token)
		}
	}
	l.holders = append(kept, g)
	switch {
	case !g.Shared && g.Token <= l.newest:
		h.court.Fail("C2", "client %d was given %s with token %d; %d was given before", g.Client, name, g.Token, l.newest)
	case g.Shared && g.Token <= l.newestExclude:
		h.court.Fail("C2", "client %d was given %s, shared, with token %d; %d was given before, exclusive",
			g.Client, name, g.Token, l.newestExclude)
	}
	l.newest = max(l.newest, g.Token)
	if !g.Shared {
		l.newestExclude = g.Token
	}
}

// Given says that the cell gave name to somebody else, exclusively, at this instant: whoever
// held it before must have ended by its own clock (C1).
func (h *Holds) Given(name string, token uint64) {
	l := h.byName[name]
	if l == nil {
		return
	}
	for _, o := range l.holders {
		if o.Token != token && o.Alive() {
			h.court.Fail("C1", "%s was given under token %d while client %d still holds it with token %d",
				name, token, o.Client, o.Token)
		}
	}
}
