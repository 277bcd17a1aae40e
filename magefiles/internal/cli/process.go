// Package cli is the process's edge: what a command has of the process that it runs in, how its run begins and ends, and what watches
// it: the trace, the messages, GitHub's status, the report's files.
package cli

import (
	"cmp"
	"fmt"
	"io"
	"text/tabwriter"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/vars"
)

// Process holds the parts of its process that a command uses.
type Process struct {
	Dir     string    // where it was called, the working directory when empty
	Environ []string  // in the form of os.Environ
	Stdout  io.Writer // the machine's result
	Stderr  io.Writer // everything for people
}

// Flags are those that shape a command's run, as far as the command has them.
type Flags struct {
	Environment string           // -env; empty: the one mapped to the current branch
	Only        []component.Name // -only; empty: all components
	JSON        bool             // -json: the report instead of lines on standard output
	Progress    string           // -progress: how the build is shown; empty or auto: as suits standard error
	Verbosity   int              // -v is 1: a log of stages, decisions and requests; -vv is 2: also of what they are made of
}

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
