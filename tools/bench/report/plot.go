package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/leasehold/leasehold/tools/bench/measure"
)

// The picture's measures, in pixels.
const (
	plotWidth  = 900
	plotLeft   = 130 // names of systems
	plotRight  = 210 // figures
	barHeight  = 16
	groupSpace = 34
)

// colours go by the order of the systems.
var colours = []string{"#2f6f9f", "#9aa0a6", "#c8553d", "#d9a441", "#6a994e"}

// Plot draws the cases that have a rate as groups of bars, each group to the scale of its
// longest; a line in a bar's end spans the rounds, from least to most.
func (r *Report) Plot(to io.Writer) error {
	var body strings.Builder
	y := groupSpace
	for _, c := range r.Cases {
		y = r.group(&body, c, y)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""+
		" font-family=\"sans-serif\" font-size=\"12\">\n", plotWidth, y)
	fmt.Fprintf(&b, "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n")
	_, err := io.WriteString(to, b.String()+body.String()+"</svg>\n")
	return err
}

// group draws one case from y on down, and gives where the next begins.
func (r *Report) group(b *strings.Builder, name string, y int) int {
	rates := make([]measure.Spread, len(r.Systems))
	most := 0.0
	for i, s := range r.Systems {
		if rate, ok := rateOf(measure.Medians(r.Results, s.Name, name)); ok {
			rates[i] = rate
			most = max(most, rate.High)
		}
	}
	if most == 0 {
		return y
	}
	fmt.Fprintf(b, "<text x=\"8\" y=\"%d\" font-weight=\"bold\">%s</text>\n", y-8, escape(name))
	scale := float64(plotWidth-plotLeft-plotRight) / most
	for i, s := range r.Systems {
		if rates[i].Rounds == 0 {
			continue
		}
		bar(b, y, s.Name, colours[i%len(colours)], rates[i], scale)
		y += barHeight
	}
	return y + groupSpace
}

func bar(b *strings.Builder, y int, name, colour string, rate measure.Spread, scale float64) {
	middle := y + barHeight/2
	fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", plotLeft-8, middle+4, escape(name))
	fmt.Fprintf(b, "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>\n",
		plotLeft, y+1, max(rate.Median*scale, 1), barHeight-3, colour)
	fmt.Fprintf(b, "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\" stroke=\"#202020\"/>\n",
		plotLeft+rate.Low*scale, plotLeft+rate.High*scale, middle, middle)
	fmt.Fprintf(b, "<text x=\"%.1f\" y=\"%d\">%s %s</text>\n",
		plotLeft+rate.High*scale+8, middle+4, number(rate.Median), escape(rate.Unit.Name))
}

func rateOf(spreads []measure.Spread) (measure.Spread, bool) {
	i := slices.IndexFunc(spreads, func(s measure.Spread) bool { return s.Name == "rate" })
	if i < 0 {
		return measure.Spread{}, false
	}
	return spreads[i], true
}

func escape(s string) string { return strings.NewReplacer("&", "&amp;", "<", "&lt;").Replace(s) }
