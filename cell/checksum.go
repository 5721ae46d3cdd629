package cell

import (
	"encoding/binary"
	"hash/crc64"
)

// byteWise has what a byte does to the sum, and after[n] what it does when n more bytes have followed.
var (
	byteWise = crc64.MakeTable(crc64.ECMA)
	after    = follow(byteWise)
)

func follow(by *crc64.Table) (after [2 * word][256]uint64) {
	after[0] = *by
	for n := 1; n < len(after); n++ {
		for b, sum := range after[n-1] {
			after[n][b] = by[byte(sum)] ^ sum>>8
		}
	}
	return after
}

const word = 8

// Checksum is the CRC-64/ECMA of contents, as Stat carries it. Every replica takes one of each write:
// words are summed by two and two, for a processor does both at once, as hash/crc64 does not.
func Checksum(contents []byte) uint64 {
	sum, p := ^uint64(0), contents
	one, two := (*[word][256]uint64)(after[:word]), (*[word][256]uint64)(after[word:])
	if len(p) >= 4*word {
		var odd uint64
		for ; len(p) >= 4*word; p = p[2*word:] {
			sum = pass(two, sum^binary.LittleEndian.Uint64(p))
			odd = pass(two, odd^binary.LittleEndian.Uint64(p[word:]))
		}
		sum = pass(one, sum^binary.LittleEndian.Uint64(p))
		sum = pass(one, sum^odd^binary.LittleEndian.Uint64(p[word:]))
		p = p[2*word:]
	}
	for ; len(p) >= word; p = p[word:] {
		sum = pass(one, sum^binary.LittleEndian.Uint64(p))
	}
	for _, b := range p {
		sum = byteWise[byte(sum)^b] ^ sum>>8
	}
	return ^sum
}

// pass takes a word into the sum, followed by as many bytes as the tables are for.
func pass(t *[word][256]uint64, w uint64) uint64 {
	return t[7][byte(w)] ^ t[6][byte(w>>8)] ^ (t[5][byte(w>>16)] ^ t[4][byte(w>>24)]) ^
		(t[3][byte(w>>32)] ^ t[2][byte(w>>40)] ^ (t[1][byte(w>>48)] ^ t[0][w>>56]))
}
