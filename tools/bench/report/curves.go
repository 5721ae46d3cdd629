package report

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/leasehold/leasehold/tools/bench/measure"
)

// The curves' measures, in pixels.
const (
	curveWidth  = 420
	curveHeight = 260
	curveMargin = 60
	curveSpace  = 40
)

// Curves draws, for each kind of work that was measured with several numbers of sessions, two
// pictures side by side over these: the rate, and the latency (median, and dashed the 99th
// percentile). Both axes are logarithmic.
func (r *Report) Curves(to io.Writer) error {
	var body strings.Builder
	y := curveSpace
	for _, f := range r.families() {
		r.family(&body, f, y)
		y += curveHeight + 2*curveMargin
	}
	var b strings.Builder
	fmt.Fprintf(&b, "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""+
		" font-family=\"sans-serif\" font-size=\"12\">\n", 2*(curveWidth+2*curveMargin), y)
	fmt.Fprintf(&b, "<rect width=\"100%%\" height=\"100%%\" fill=\"#ffffff\"/>\n")
	for i, s := range r.Systems {
		fmt.Fprintf(&b, "<text x=\"%d\" y=\"16\" fill=\"%s\" font-weight=\"bold\">%s</text>\n",
			curveMargin+i*120, colours[i%len(colours)], escape(s.Name))
	}
	_, err := io.WriteString(to, b.String()+body.String()+"</svg>\n")
	return err
}

// family is one kind of work, with one call in flight a session: "write" for write 1×1, write 16×1.
type family struct {
	name     string
	cases    []string
	sessions []float64
}

func (r *Report) families() (all []family) {
	for _, c := range r.Cases {
		name, shape, ok := strings.Cut(c, " ")
		var sessions, inFlight int
		if n, err := fmt.Sscanf(shape, "%d×%d", &sessions, &inFlight); !ok || err != nil || n < 2 || inFlight != 1 {
			continue
		}
		i := slices.IndexFunc(all, func(f family) bool { return f.name == name })
		if i < 0 {
			all, i = append(all, family{name: name}), len(all)
		}
		all[i].cases = append(all[i].cases, c)
		all[i].sessions = append(all[i].sessions, float64(sessions))
	}
	return slices.DeleteFunc(all, func(f family) bool { return len(f.cases) < 2 })
}

// line is one value of one system, over the sessions.
type line struct {
	colour string
	dashed bool
	ys     []float64 // 0: not measured
}

func (r *Report) family(b *strings.Builder, f family, y int) {
	var rates, latencies []line
	for i, s := range r.Systems {
		colour := colours[i%len(colours)]
		rates = append(rates, line{colour, false, r.values(s.Name, f, "rate")})
		latencies = append(latencies, line{colour, false, r.values(s.Name, f, "p50")},
			line{colour, true, r.values(s.Name, f, "p99")})
	}
	chart(b, curveMargin, y, f.name+": per second, over sessions", f.sessions, rates)
	chart(b, curveWidth+3*curveMargin, y, f.name+": ms (dashed: p99), over sessions", f.sessions, latencies)
}

func (r *Report) values(system string, f family, value string) []float64 {
	ys := make([]float64, len(f.cases))
	for i, c := range f.cases {
		for _, v := range measure.Medians(r.Results, system, c) {
			if v.Name == value {
				ys[i] = v.Median
			}
		}
	}
	return ys
}

// axis maps values to pixels, logarithmically.
type axis struct{ least, most, from, to float64 }

func (a axis) at(v float64) float64 {
	return a.from + (a.to-a.from)*math.Log(v/a.least)/math.Log(max(a.most/a.least, 1.0001))
}

func chart(b *strings.Builder, x, y int, title string, xs []float64, lines []line) {
	least, most := math.Inf(1), 0.0
	for _, l := range lines {
		for _, v := range l.ys {
			if v > 0 {
				least, most = min(least, v), max(most, v)
			}
		}
	}
	if most == 0 {
		return
	}
	across := axis{slices.Min(xs), slices.Max(xs), float64(x), float64(x + curveWidth)}
	down := axis{least, most, float64(y + curveHeight), float64(y)}
	fmt.Fprintf(b, "<text x=\"%d\" y=\"%d\" font-weight=\"bold\">%s</text>\n", x, y-6, escape(title))
	fmt.Fprintf(b, "<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#c0c0c0\"/>\n",
		x, y, curveWidth, curveHeight)
	for _, v := range xs {
		fmt.Fprintf(b, "<text x=\"%.0f\" y=\"%d\" text-anchor=\"middle\">%s</text>\n",
			across.at(v), y+curveHeight+16, number(v))
	}
	for _, v := range []float64{least, math.Sqrt(least * most), most} {
		fmt.Fprintf(b, "<text x=\"%d\" y=\"%.0f\" text-anchor=\"end\">%s</text>\n", x-4, down.at(v)+4, number(v))
	}
	for _, l := range lines {
		l.draw(b, xs, across, down)
	}
}

func (l line) draw(b *strings.Builder, xs []float64, across, down axis) {
	var points []string
	for i, v := range l.ys {
		if v > 0 {
			points = append(points, fmt.Sprintf("%.1f,%.1f", across.at(xs[i]), down.at(v)))
		}
	}
	if len(points) == 0 {
		return
	}
	dash := ""
	if l.dashed {
		dash = " stroke-dasharray=\"5 4\""
	}
	fmt.Fprintf(b, "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\"%s/>\n",
		strings.Join(points, " "), l.colour, dash)
}
