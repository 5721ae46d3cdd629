package record

import "encoding/binary"

// Current says which of the log directories holds the log. Switching it is how a received
// snapshot replaces the whole history in one step.
type Current struct {
	Log        uint64 // number of the log directory, one more at each switch
	Salt       uint32 // seed of the frames' sums in it
	Base       Mark   // the point after which it began
	Installing bool   // what the switch left to clean up may still be there
	Emptied    bool   // the log was cut down to nothing since it last held a synced record
}

const currentLetters = "CURR"

// EncodeCurrent is c as its file keeps it.
func EncodeCurrent(c Current) []byte {
	b := binary.LittleEndian.AppendUint64(nil, c.Log)
	b = binary.LittleEndian.AppendUint32(b, c.Salt)
	b = appendMark(b, c.Base)
	flags := byte(0)
	if c.Installing {
		flags |= 1
	}
	if c.Emptied {
		flags |= 2
	}
	return seal(currentLetters, append(b, flags))
}

// DecodeCurrent reads EncodeCurrent's bytes. The error is a *Refusal.
func DecodeCurrent(data []byte) (Current, error) {
	const name = "CURRENT"
	b, err := unseal(name, currentLetters, data)
	if err != nil {
		return Current{}, err
	}
	c := Current{Log: b.u64(), Salt: b.u32(), Base: b.mark()}
	flags := b.u8()
	c.Installing, c.Emptied = flags&1 != 0, flags&2 != 0
	if flags > 3 {
		return Current{}, Damaged("%s holds a value that cannot be", name)
	}
	if err := b.end(name); err != nil {
		return Current{}, err
	}
	return c, nil
}
