package replica

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"

	"github.com/leasehold/leasehold/cell/call"
	"github.com/leasehold/leasehold/lease"
)

// TestC5_L9_Scripts runs the stories in testdata: what a cell of whole replicas answers to a client that
// asks each of them. Replicas are named by their number; the master is "master", any other "follower".
func TestC5_L9_Scripts(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		s := &script{}
		datadriven.RunTest(t, path, func(t *testing.T, td *datadriven.TestData) string {
			if s.rig == nil {
				s.rig = newRig(t, 5)
			}
			s.t = t
			return s.run(td)
		})
	})
}

type script struct {
	*rig
	stream uint64
	was    *played // the master before
	writes *writer // with a session at the master of its epoch
}

// run does one command: VERB REPLICA ARGUMENT.
func (s *script) run(td *datadriven.TestData) string {
	var args [2]string
	for i := range td.CmdArgs {
		args[i] = td.CmdArgs[i].String()
	}
	switch td.Cmd {
	case "start":
		for _, p := range s.all {
			p.start()
		}
		s.pass(lease.Second)
	case "pass":
		ms, err := strconv.ParseInt(args[0], 10, 64)
		require.NoError(s.t, err)
		s.pass(lease.Duration(ms) * lease.Millisecond)
	case "locate":
		return s.locate()
	case "put":
		return s.put(args[0])
	case "get":
		return s.ask(s.who(args[0]), &call.Query{Number: 1, Ask: &call.Read{Name: "/ls/x/f"}})
	case "cut":
		p := s.who(args[0])
		s.was = s.master()
		p.cut()
	case "silence": // the master hears nobody, and nobody hears it; no connection breaks
		s.silence(s.master())
	case "restart":
		s.who(args[0]).start()
	case "stop":
		s.was = s.master()
		s.who(args[0]).step(Stop{})
		s.settle()
	case "copies":
		return s.copies()
	default:
		s.t.Fatalf("unknown command %q", td.Cmd)
	}
	return ""
}

func (s *script) who(word string) *played {
	switch word {
	case "master":
		return s.master()
	case "before":
		return s.was
	}
	return s.follower()
}

// locate asks every replica in reach who is master: they agree, or it is shown who says what.
func (s *script) locate() string {
	said := map[string]int{}
	var order []string
	for _, p := range s.all {
		if p.off {
			continue
		}
		l := p.r.located()
		text := "no master: " + strings.TrimRight(l.Why, " ")
		if l.Master != 0 {
			text = "a master, in epoch " + strconv.Itoa(int(l.Epoch))
			if s.was != nil && l.Master == s.was.id {
				text = "the master before, in epoch " + strconv.Itoa(int(l.Epoch))
			}
		}
		if said[text] == 0 {
			order = append(order, text)
		}
		said[text]++
	}
	var b strings.Builder
	for _, text := range order {
		fmt.Fprintf(&b, "%d say: %s\n", said[text], text)
	}
	return b.String()
}

// put writes to the master, in a session made at it, and shows what came back so far.
func (s *script) put(value string) string {
	m := s.master()
	if s.writes == nil || s.writes.epoch != m.r.began {
		s.stream++
		s.writes = s.writer(s.stream)
	}
	c := s.writes.ask(0)
	c.Op = &call.Write{Name: "/ls/x/f", Contents: []byte(value), OrCreate: true}
	m.say(s.writes.stream, c)
	return s.shown(m, s.writes.stream)
}

// ask sends one message to a replica, on a stream of its own, and shows what came back so far.
func (s *script) ask(p *played, msg call.Message) string {
	s.stream++
	p.say(s.stream, hello(), msg)
	return s.shown(p, s.stream)
}

// shown is what a stream was told, but for welcomes.
func (s *script) shown(p *played, stream uint64) string {
	var b strings.Builder
	for _, m := range p.told(stream) {
		switch m := m.(type) {
		case *call.QueryReply:
			if m.Code != 0 {
				fmt.Fprintf(&b, "%v\n", m.Code)
			} else {
				fmt.Fprintf(&b, "%q\n", m.Node.Contents)
			}
		case *call.CallReply:
			fmt.Fprintf(&b, "%v\n", m.Result.Code)
		}
	}
	if b.Len() == 0 {
		return "no answer\n"
	}
	return b.String()
}

// silence loses whatever goes to and from a replica from now on.
func (s *script) silence(p *played) {
	s.was = p
	for _, q := range s.all {
		if q != p {
			p.links[q.id]++ // neither end knows the other's number
		}
	}
}

// copies counts who has the node's newest contents.
func (s *script) copies() string {
	has := map[string]int{}
	var order []string
	for _, p := range s.all {
		if p.off {
			continue
		}
		_, contents, _ := p.r.Tree().Get("/ls/x/f")
		if has[string(contents)] == 0 {
			order = append(order, string(contents))
		}
		has[string(contents)]++
	}
	text := ""
	for _, c := range order {
		text += fmt.Sprintf("%d replicas have %q\n", has[c], c)
	}
	return text
}
