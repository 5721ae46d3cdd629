// Package packed is an ordered map for millions of small entries: a key and a value of few bytes, and with
// some of them what is kept apart (large contents, pointers).
//
// A B-tree whose keys and values are strings and pointers spends more on them than on what a small file
// is: headers, memory rounded up to a size class, half-empty arrays, and an object each that the garbage
// collector has to find. Here entries lie in leaves, side by side in one block of bytes, and a leaf has only
// once what its keys begin with. What is above the leaves is an ordinary B-tree of them.
//
//	Map    a B-tree of leaves, each by a key that none of its own is below
//	leaf   prefix, and entries: |rest of the key: length, bytes|value| ...
//
// A leaf that grows gets memory of the next size, and another takes what it had: see spare.
//
// Copies are made in constant time and share their leaves: each map copies a leaf that it shares before it
// changes it. A map belongs to one goroutine; copies that nobody changes may be read by another.
package packed
