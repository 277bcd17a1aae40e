package release

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	astragoci "github.com/xiilab/astrago-ci"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold"
	"github.com/xiilab/astrago-ci/magefiles/internal/source"
	"github.com/xiilab/astrago-ci/magefiles/internal/submodule"
)

// InitOptions are the flags of `mage init`.
type InitOptions struct {
	Kind   string // -kind: backend, frontend or generic; empty: what the repository looks like
	DryRun bool   // -dryRun: the differences on standard output, nothing is written
	Force  bool   // -force: also over files that are there and differ

	Verbosity int // as Options.Verbosity
}

// Init writes what the repository needs to use the targets, and says what is left to do. The paths that were written are
// the result on standard output, with -dryRun the differences as a unified diff.
func Init(ctx context.Context, p Process, o InitOptions) error {
	ctx, s := newSession(ctx, "init", p, Options{Verbosity: o.Verbosity})
	err := s.init(ctx, o)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	s.console.Error(err)
	outcome := report.Done
	if err != nil {
		outcome = report.OutcomeOf(err)
	}
	s.ended(ctx, outcome, err)
	flushErr := s.stderr.Flush()
	if err != nil {
		return told{err: err, outcome: outcome}
	}
	return flushErr
}

func (s *session) init(ctx context.Context, o InitOptions) error {
	survey, err := source.Look(ctx, cmp.Or(s.process.Dir, "."))
	if err != nil {
		return err
	}
	templates, err := astragoci.Templates()
	if err != nil {
		return fmt.Errorf("reading the templates: %w", err)
	}
	facts := scaffold.Facts{Survey: survey, Tree: os.DirFS(survey.Root)}
	if ci, err := submodule.Current(ctx, survey.Root); err == nil { // a plain copy of it has no commit of its own
		facts.Pin = func(workflow []byte) []byte { return submodule.Rewrite(workflow, ci) }
	}
	layout, err := scaffold.Detect(facts, scaffold.Kind(o.Kind))
	if err != nil {
		return err
	}
	files, err := facts.Draft(layout, templates, o.Force)
	if err != nil {
		return err
	}
	s.console.Listing("init: "+layout.Service+", "+string(layout.Kind), listed(layout))
	result, err := scaffold.Diff(ctx, files)
	if err == nil && !o.DryRun {
		var written []string
		written, err = scaffold.Apply(survey.Root, files)
		result = lines(written)
	}
	if err != nil {
		return err
	}
	s.console.Listing(fileHeading(o.DryRun), actions(files))
	s.console.Listing("next", append(archiveRows(facts.VaryingArchives(layout), files), next(files, o)...))
	return s.print(func(w io.Writer) error { _, err := io.WriteString(w, result); return err })
}

func lines(items []string) string {
	if len(items) == 0 {
		return ""
	}
	return strings.Join(items, "\n") + "\n"
}

// listed is what was found.
func listed(l scaffold.Layout) []report.Row {
	rows := []report.Row{{Name: "image", Text: l.Image}}
	for _, c := range l.Components {
		rows = append(rows, report.Row{Name: "component", Text: c.Name + ": " + c.Dockerfile + ", context " + c.Context})
	}
	for _, command := range l.Prepare {
		rows = append(rows, report.Row{Name: "prepare", Text: command})
	}
	rows = append(append(rows, runtimeRow("JDK", l.Java)...), runtimeRow("Node.js", l.Node)...)
	for _, e := range l.Environments {
		rows = append(rows, report.Row{Name: "environment", Text: e.Name + ": branch " + strings.Join(e.Branches, ", ")})
	}
	return rows
}

// runtimeRow is what the workflow sets up for prepare.
func runtimeRow(name string, r scaffold.Runtime) []report.Row {
	if !r.Used {
		return nil
	}
	source := "nothing says which: see the workflow"
	if r.Found != "" {
		source = "as in " + r.Found
	}
	return []report.Row{{Name: name, Text: r.Version + ", " + source + "; cache of " + r.Manager}}
}

func fileHeading(dryRun bool) string {
	if dryRun {
		return "files (dry run: nothing is written)"
	}
	return "files"
}

func actions(files []scaffold.File) []report.Row {
	words := map[scaffold.Action]string{
		scaffold.Create: "created", scaffold.Change: "added to", scaffold.Replace: "replaced",
		scaffold.Keep: "kept: it is there and differs; -force replaces it", scaffold.Nothing: "is as it should be",
	}
	var rows []report.Row
	for _, file := range files {
		rows = append(rows, report.Row{Name: file.Path, Text: words[file.Action]})
	}
	return rows
}

// next are the commands that lead to a first release.
func next(files []scaffold.File, o InitOptions) []report.Row {
	if o.DryRun {
		return []report.Row{{Name: "./ci/scripts/mage init", Text: "writes them"}}
	}
	var rows []report.Row
	for _, line := range unfilled(files) {
		rows = append(rows, report.Row{Name: "edit " + config.FileName, Text: line})
	}
	var added []string
	for _, file := range files {
		added = append(added, file.Path)
	}
	return append(rows,
		report.Row{Name: "./ci/scripts/mage plan", Text: "shows what a release would do, touches nothing"},
		report.Row{Name: "./ci/scripts/mage build", Text: "builds the images"},
		report.Row{Name: "mage build", Text: "does the same where mage is installed" + condition(added)},
		report.Row{Name: "git add, git commit", Text: strings.Join(added, " ")},
		report.Row{Name: "./ci/scripts/mage release", Text: "on a branch that deploys"},
	)
}

// archiveRows are the settings for archives that init could not write itself.
func archiveRows(all []scaffold.Archives, files []scaffold.File) []report.Row {
	var rows []report.Row
	for _, a := range all {
		if slices.ContainsFunc(files, func(file scaffold.File) bool { return file.Path == a.Script }) {
			continue
		}
		script := cmp.Or(a.Script, "the build of "+a.Tool)
		rows = append(rows, report.Row{Name: "edit " + script, Text: "archives of the same contents must be the same: " + strings.Join(strings.Fields(a.Remedy), " ")})
	}
	return rows
}

// condition is what mage itself needs to find the shared targets, since it asks Go for them in the repository's root and with
// the environment's flags. In a workspace Go takes no vendor folder but the workspace's own (go.dev/ref/mod#workspaces).
func condition(paths []string) string {
	if slices.Contains(paths, "magefiles/go.work") {
		return `, with this in front, because of the Go code here: GOFLAGS=-mod=readonly GOWORK="$PWD/magefiles/go.work"`
	}
	return ", where GOFLAGS sets -mod with this in front: GOFLAGS=-mod=readonly"
}

// unfilled says what a person has still to write in the configuration, as parsing it tells.
func unfilled(files []scaffold.File) []string {
	var said []string
	for _, file := range files {
		if file.Path != config.FileName || file.Action == scaffold.Keep {
			continue
		}
		_, err := config.Parse(file.Path, []byte(file.Content))
		e := report.NewError(err)
		if e == nil {
			continue
		}
		for _, each := range append([]report.Error{*e}, e.More...) {
			if each.Place != nil {
				said = append(said, fmt.Sprintf("line %d: %s", each.Place.Line, each.Remedy))
			}
		}
	}
	return said
}
