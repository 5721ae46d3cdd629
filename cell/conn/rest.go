package conn

// An idle stream needs no goroutine that waits for its next frame, and no buffer: whoever receives asks
// Rest first, and is called when there is something to receive. Where frames come without a pause, a
// goroutine that stays costs less.

// Rest reports whether the receiver may go: resume is called once when something has come, or the stream
// has ended, and then Recv is to be called again. False: Recv is to be called now. resume is called with
// locks held: it starts a goroutine, and no more.
func (s *Stream) Rest(resume func()) bool {
	g := s.conn.guard
	if s.frames.Buffered() > 0 || g.hurried() {
		return false
	}
	giveSmall(s.frames.Release())
	s.rested = true
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cause == nil && g.rest(s, resume)
}

// awake ends the rest: for who receives.
func (s *Stream) awake() {
	if s.rested {
		s.rested = false
		s.frames.Lend(takeSmall())
	}
}

// hurried reports whether frames come without a pause.
func (g *guard) hurried() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.brisk >= steady
}

// rest notes that nobody reads a stream, unless there is something to read, or its end to be told.
func (g *guard) rest(s *Stream, resume func()) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	of := g.watch.stream(s.yamux.StreamID())
	if g.over() != nil || of == nil || of.inFIN || of.came != s.taken {
		return false
	}
	of.resume = resume
	return true
}

// wake has a stream read again, if nobody does.
func (g *guard) wake(stream uint32) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if of := g.watch.stream(stream); of != nil {
		of.wake()
	}
}

// intake is what a stream's frames are read from: it counts.
type intake Stream

func (s *intake) Read(p []byte) (int, error) {
	n, err := s.yamux.Read(p)
	s.taken += uint64(n)
	return n, err
}
