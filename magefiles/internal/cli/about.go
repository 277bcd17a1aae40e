package cli

import (
	"cmp"
	"fmt"
	"text/tabwriter"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// PrintVersion prints the version of astrago-ci.
func PrintVersion(p Process) error {
	_, err := fmt.Fprintln(p.Stdout, astragoci.Version())
	return err
}

// PrintVars prints every environment variable that a target reads, its value here and what it means. Secrets are masked.
func PrintVars(p Process) error {
	table := tabwriter.NewWriter(p.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "VARIABLE\tVALUE\tMEANING")
	for _, row := range vars.Parse(p.Environ).Rows() {
		shown := row.Shown
		if !row.Set {
			shown = "-"
		}
		meaning := row.Meaning
		if row.Default != "" {
			meaning += " (default: " + row.Default + ")"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", row.Name, cmp.Or(shown, "-"), meaning)
	}
	return table.Flush()
}
