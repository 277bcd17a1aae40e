package house

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// shown is the number of printed entries of a list.
const shown = 10

// Print writes the report for people.
func (r Report) Print(w io.Writer) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "lines\tproduct %d, testkit %d, tools %d, tests %d\n", r.Lines[Product], r.Lines[Testkit], r.Lines[Tools],
		r.Lines[Tests])
	fmt.Fprintf(t, "lines above %d columns\t%d of %d (%.2f %%)\n", r.Columns, len(r.Long), r.Total, percent(len(r.Long), r.Total))
	fmt.Fprintf(t, "unexported names of one word\t%d of %d (%.0f %%)\n", r.OneWord, r.Names, percent(r.OneWord, r.Names))
	for _, list := range []struct {
		title string
		sizes []Size
	}{
		{"methods of a type, embedding counted", r.Methods},
		{"files of a package, tests left out", r.Files},
		{"lines of a function", r.Functions},
		{"lines of a file", r.FileLines},
		{"columns of a line", r.Long},
		{"first words of doc comments", r.DocWords},
	} {
		fmt.Fprintf(t, "\n%s\n", list.title)
		for _, size := range list.sizes[:min(shown, len(list.sizes))] {
			fmt.Fprintf(t, "  %s\t%d\n", size.Name, size.Count)
		}
	}
	return t.Flush()
}

func percent(part, whole int) float64 { return 100 * float64(part) / float64(max(whole, 1)) }
