package steps

// TakePermit waits for one of n permits at name. One waiter at a time watches them, under a native lock.
func TakePermit(p Port, name string, n int) (*Place, error) {
	if err := agree(p, name, n); err != nil {
		return nil, err
	}
	turn, err := p.Lock(name+"/turn", 0)
	if err != nil {
		return nil, err
	}
	defer p.Unlock(turn)
	first, done := p.Within(turn)
	defer done()
	if err := room(first, name+"/permits", n); err != nil {
		return nil, err
	}
	return TakePlace(first, name+"/permits/", true, turn.Sequencer())
}

// room waits until there are fewer than n permits. They grow by who has the turn only.
func room(p Port, folder string, n int) error {
	feed := p.Watch(folder, WithChildren)
	defer feed.Stop()
	for permits := newCrowd(folder); ; {
		e, err := feed.Next()
		if err != nil {
			return err
		}
		if permits.note(e); permits.synced && len(permits.all) < n {
			return nil
		}
	}
}
