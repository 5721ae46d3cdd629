package tree

// View is an immutable picture of the whole tree at one zxid. It may be read by another goroutine
// than the tree's, and holds what it shows in memory until it is let go.
type View struct{ state }

// Freeze gives a view, in constant time: tree and view share everything, and the tree copies what
// it changes from then on.
func (t *Tree) Freeze() *View {
	t.life++
	v := &View{state: t.state}
	v.nodes, v.sessions, v.locks = t.nodes.Copy(), t.sessions.Copy(), t.locks.Copy()
	v.quotas = t.quotas.Copy()
	return v
}
