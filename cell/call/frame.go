package call

import (
	"fmt"

	"google.golang.org/protobuf/proto"

	"github.com/leasehold/leasehold/cell"
	"github.com/leasehold/leasehold/cell/wire"
)

// The types of frame. The numbers are part of the format.
const (
	typeHello uint8 = 1 + iota
	typeWelcome
	typeLocate
	typeLocated
	typeRefused
	typeCreateSession
	typeCreated
	typeAttach
	typeAttached
	typeKeepAlive
	typeKeepAliveReply
	typeInvalidate
	typeFlushed
	typeGranted
	typeDropped
	typeEnded
	typeCall
	typeCallReply
	typeQuery
	typeQueryReply
	typeEvents
	typeTaken
	typeQuit
	typeSettings
)

// EncodeTo appends a message's body to b and gives the type of its frame.
func EncodeTo(b []byte, m Message) (kind uint8, out []byte) {
	if kind, out, ok := appendDirect(b, m); ok {
		return kind, out
	}
	kind, w := toWire(m)
	out, err := proto.MarshalOptions{}.MarshalAppend(b, w)
	cell.Assert(err == nil, "our own %T does not encode", m)
	return kind, out
}

// Encode is EncodeTo nothing: the body is fresh.
func Encode(m Message) (uint8, []byte) { return EncodeTo(nil, m) }

// Decode reads a frame that came from outside: strict, and asked whether it is nonsense. Errors
// wrap ErrProtocol, ErrBadName or ErrTooLarge. Byte fields are the message's own.
func Decode(kind uint8, body []byte) (Message, error) {
	read, ok := readers[kind]
	if !ok {
		return nil, fmt.Errorf("%w: unknown message type %d", cell.ErrProtocol, kind)
	}
	m, direct := readDirect(kind, body)
	var err error
	if !direct {
		m, err = read(body)
	}
	if err != nil && cell.CodeOf(err) == cell.CodeOf(cell.ErrInternal) { // the schema's own refusal
		return nil, fmt.Errorf("%w: %w", cell.ErrProtocol, err)
	}
	if err != nil {
		return nil, err
	}
	if why := m.Invalid(); why != "" {
		return nil, fmt.Errorf("%w: %s", cell.ErrProtocol, why)
	}
	return m, nil
}

func toWire(m Message) (uint8, proto.Message) {
	switch m := m.(type) {
	case *Hello, *Welcome, *Locate, *Located, *Refused, *CreateSession, *Created, *Attach, *Attached, *Quit:
		return openingToWire(m)
	case *Call:
		return typeCall, &wire.Call{Epoch: uint32(m.Epoch), Number: m.Number, Acked: m.Acked, Op: OpToWire(m.Op),
			Handle: handleToWire(m.Handle)}
	case *CallReply:
		return typeCallReply, &wire.CallReply{Epoch: uint32(m.Epoch), Number: m.Number, Proposed: m.Proposed,
			Result: ResultToWire(m.Result)}
	case *Query:
		return typeQuery, queryToWire(m)
	case *QueryReply:
		return typeQueryReply, queryReplyToWire(m)
	default:
		return streamToWire(m)
	}
}

var readers = map[uint8]func([]byte) (Message, error){
	typeHello: readHello, typeWelcome: readWelcome, typeLocate: readLocate, typeLocated: readLocated,
	typeRefused: readRefused, typeCreateSession: readCreateSession, typeCreated: readCreated,
	typeAttach: readAttach, typeAttached: readAttached, typeKeepAlive: readKeepAlive,
	typeKeepAliveReply: readKeepAliveReply, typeInvalidate: readInvalidate, typeFlushed: readFlushed,
	typeGranted: readGranted, typeDropped: readDropped, typeEnded: readEnded, typeCall: readCall,
	typeCallReply: readCallReply, typeQuery: readQuery, typeQueryReply: readQueryReply, typeEvents: readEvents,
	typeTaken: readTaken, typeQuit: readQuit, typeSettings: readSettings,
}

func readCall(b []byte) (Message, error) {
	var w wire.Call
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	op, err := OpFromWire(w.Op)
	if err != nil {
		return nil, err
	}
	h, err := handleFromWire(w.Handle)
	return &Call{Epoch: cell.Epoch(w.Epoch), Number: w.Number, Acked: w.Acked, Op: op, Handle: h}, err
}

func readCallReply(b []byte) (Message, error) {
	var w wire.CallReply
	if err := wire.Unmarshal(b, &w); err != nil {
		return nil, err
	}
	r, err := ResultFromWire(w.Result)
	return &CallReply{Epoch: cell.Epoch(w.Epoch), Number: w.Number, Proposed: w.Proposed, Result: r}, err
}
