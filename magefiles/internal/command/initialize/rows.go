package initialize

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/console"
	"github.com/xiilab/astrago-ci/magefiles/internal/report"
	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold"
)

// layoutRows returns the findings, each with its source.
func layoutRows(l scaffold.Layout) []console.Row {
	rows := []console.Row{{Name: "image", Text: l.Image + witness(l.ImageFound, "the name of origin, a guess")}}
	for _, c := range l.Components {
		rows = append(rows, console.Row{Name: "component", Text: c.Name + ": " + c.Dockerfile + ", context " + c.Context +
			witness(strings.Join(c.Witnesses[:min(len(c.Witnesses), 3)], ", "), "its COPY lines")})
		for _, a := range c.Args {
			rows = append(rows, console.Row{Name: "argument", Text: c.Name + ": " + a.Name + "=" + a.Value + witness(a.Found, "")})
		}
	}
	rows = append(rows, leftOutRows(l.LeftOut)...)
	for _, command := range l.Prepare {
		rows = append(rows, console.Row{Name: "prepare", Text: command})
	}
	rows = append(append(rows, runtimeRow("JDK", l.Java)...), runtimeRow("Node.js", l.Node)...)
	for _, e := range l.Environments {
		rows = append(rows, console.Row{Name: "environment", Text: e.Name + ": branch " + strings.Join(e.Branches, ", ")})
		for _, guess := range []struct{ what, value, found string }{
			{"repository", e.Repository, e.Found}, {"file", e.File, e.FileFound}, {"set", e.Set, e.SetFound},
		} {
			if guess.found != "" {
				rows = append(rows, console.Row{Name: "  " + guess.what, Text: guess.value + witness(guess.found, "")})
			}
		}
	}
	return rows
}

// witness says where a guess is from.
func witness(place, otherwise string) string {
	if place = cmp.Or(place, otherwise); place == "" {
		return ""
	}
	return " (" + place + ")"
}

// conflictRows are the workflows of today that a release takes the place of.
func conflictRows(l scaffold.Layout) (rows []console.Row) {
	for _, c := range l.Conflicts {
		rows = append(rows, console.Row{Name: c.Workflow, Text: c.Does + ": " + c.Remedy + ", see " + l.Submodule + "/docs/migration.md"})
	}
	return rows
}

// runtimeRow returns the row of a runtime that the workflow sets up for prepare.
func runtimeRow(name string, r scaffold.Runtime) []console.Row {
	if !r.Used {
		return nil
	}
	source := "version not found: set it in the workflow"
	if r.Found != "" {
		source = "as in " + r.Found
	}
	return []console.Row{{Name: name, Text: r.Version + ", " + source + "; cache of " + r.Manager}}
}

func fileHeading(dryRun bool) string {
	if dryRun {
		return "files (dry run: nothing is written)"
	}
	return "files"
}

func fileRows(files []scaffold.File) []console.Row {
	words := map[scaffold.Action]string{
		scaffold.Create: "created", scaffold.Change: "added to", scaffold.Replace: "replaced",
		scaffold.Keep: "kept: already exists with other content; -force replaces it", scaffold.Nothing: "is up to date",
	}
	var rows []console.Row
	for _, file := range files {
		rows = append(rows, console.Row{Name: file.Path, Text: words[file.Action]})
	}
	return rows
}

// nextRows are the commands that lead to a first release.
func nextRows(l scaffold.Layout, files []scaffold.File, o Options) []console.Row {
	mage := "./" + l.Submodule + "/scripts/mage "
	if o.DryRun {
		return []console.Row{{Name: mage + "init", Text: "writes them"}}
	}
	var rows []console.Row
	if l.Unread != "" {
		name, reason, _ := strings.Cut(l.Unread, ": ")
		rows = append(rows, console.Row{Name: name, Text: "is not read (" + reason +
			"): where Docker Buildx is, `docker buildx bake --print >docker-bake.json`, then " + mage + "init -force here"})
	}
	for _, line := range unfilledLines(files) {
		rows = append(rows, console.Row{Name: "edit " + config.FileName, Text: line})
	}
	if l.ImageFound == "" {
		guess := "`image` is a guess: nothing in this repository pushes images"
		rows = append(rows, console.Row{Name: "look at " + config.FileName, Text: guess})
	}
	rows = append(rows, workflowRows(l, mage)...)
	var added []string
	for _, file := range files {
		added = append(added, file.Path)
	}
	return append(rows,
		console.Row{Name: mage + "plan", Text: "shows what a release would do, touches nothing"},
		console.Row{Name: mage + "build", Text: "builds the images"},
		console.Row{Name: "mage build", Text: "does the same if mage is installed" + mageCondition(added)},
		console.Row{Name: "git add, git commit", Text: strings.Join(added, " ")},
		console.Row{Name: mage + "release", Text: "on a branch that deploys"},
	)
}

// workflowRows returns the workflow's remaining needs: logins of other registries than ghcr.io, and steps of its own where none can be
// called.
func workflowRows(l scaffold.Layout, mage string) (rows []console.Row) {
	images := []string{l.Image}
	for _, c := range l.Components {
		images = append(images, c.Image)
	}
	foreign := slices.ContainsFunc(images, func(image string) bool {
		return image != "" && !strings.HasPrefix(image, "ghcr.io/") && !strings.HasPrefix(image, "<")
	})
	if foreign {
		rows = append(rows, console.Row{
			Name: "secret REGISTRIES",
			Text: "store the registry's login there, a line of host, user and password: images go elsewhere than to ghcr.io",
		})
	}
	if l.Private && l.Kind != scaffold.Generic { // that one has steps of its own
		rows = append(rows, console.Row{
			Name: mage + "init -kind=generic -force",
			Text: "writes a workflow with steps of its own, which a private repository of " + l.Submodule +
				"/ needs outside of its organisation",
		})
	}
	return rows
}

// archiveRows are the settings for archives that init could not write itself.
func archiveRows(all []scaffold.Archives, files []scaffold.File) []console.Row {
	var rows []console.Row
	for _, a := range all {
		if slices.ContainsFunc(files, func(file scaffold.File) bool { return file.Path == a.Script }) {
			continue
		}
		script := cmp.Or(a.Script, "the build of "+a.Tool)
		rows = append(rows, console.Row{
			Name: "edit " + script, Text: "archives of the same contents must be the same: " + strings.Join(strings.Fields(a.Remedy), " "),
		})
	}
	return rows
}

// mageCondition returns the settings that mage itself needs to find the shared targets, since it asks Go for them in the repository's root
// and with the environment's flags. In a workspace Go takes no vendor folder but the workspace's own (go.dev/ref/mod#workspaces).
func mageCondition(paths []string) string {
	if slices.Contains(paths, "magefiles/go.work") {
		return `, with this in front, because of the Go code here: GOFLAGS=-mod=readonly GOWORK="$PWD/magefiles/go.work"`
	}
	return "; if GOFLAGS sets -mod, with this in front: GOFLAGS=-mod=readonly"
}

// unfilledLines says what a person has still to write in the configuration, as parsing it tells.
func unfilledLines(files []scaffold.File) []string {
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
