// Package report renders what was measured as markdown: machine and versions, a table a case
// with medians over the rounds, and a table of ratios of the first system to the others.
package report
