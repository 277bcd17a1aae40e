package scaffold

import (
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// branches is the line of a workflow that names the branches to release.
var branches = regexp.MustCompile(`(?m)^(\s*branches:) \[stabilize/1\.0\]`)

var (
	environmentNames = regexp.MustCompile(`(?m)^(\s*options:) \[stage\]`) // those to choose from, where people operate
	submodulePath    = regexp.MustCompile(`(?m)^(\s*)# path: ci .*$`)     // an input of the reusable workflows
)

// workflows are those of the kind, and those for all kinds that it has none of its own for.
func (f Facts) workflows(l Layout, templates fs.FS) ([]File, error) {
	var names []string
	for _, environment := range l.Environments {
		names = append(names, environment.Branches...)
	}
	kinds := slices.Compact([]Kind{l.Kind, Generic})
	var files []File
	for _, kind := range kinds {
		paths, err := fs.Glob(templates, path.Join(string(kind), ".github/workflows/*"))
		if err != nil {
			return nil, fmt.Errorf("reading the templates: %w", err)
		}
		for _, name := range paths {
			data, err := fs.ReadFile(templates, name)
			if err != nil {
				return nil, fmt.Errorf("reading the templates: %w", err)
			}
			text := l.runtimes(branches.ReplaceAllString(string(data), "${1} "+list(names)))
			text = operateLines(l, f.atSubmodule(text))
			file := f.renamed(File{Path: strings.TrimPrefix(name, string(kind)+"/"), Content: text})
			if !slices.ContainsFunc(files, func(other File) bool { return other.Path == file.Path }) {
				files = append(files, file)
			}
		}
	}
	return files, nil
}

// atSubmodule lets a workflow that is called, or steps of its own, find the action and the targets where they are.
func (f Facts) atSubmodule(workflow string) string {
	if f.submodule() == "ci" {
		return workflow
	}
	workflow = submodulePath.ReplaceAllString(workflow, "${1}path: "+quoteYAML(f.submodule()))
	lines := strings.SplitAfter(workflow, "\n")
	for i, line := range lines[:len(lines)-1] {
		before, ok := strings.CutSuffix(line, "uses: ./ci/.github/actions/setup\n")
		if !ok {
			continue
		}
		indent := strings.Repeat(" ", len(before))
		lines[i] = before + "uses: " + quoteYAML("./"+f.submodule()+"/.github/actions/setup") + "\n"
		path := "path: " + quoteYAML(f.submodule())
		switch next := lines[i+1]; {
		case next == indent+"with:\n":
			lines[i+1] += indent + "  " + path + "\n"
		case strings.HasPrefix(next, indent+"with: { "):
			lines[i+1] = strings.Replace(next, "with: { ", "with: { "+path+", ", 1)
		default:
			lines[i] += indent + "with: { " + path + " }\n"
		}
	}
	return strings.Join(lines, "")
}

// operateLines writes into a workflow what it lets people choose from.
func operateLines(l Layout, text string) string {
	if len(l.Environments) == 0 {
		return text
	}
	names := make([]string, len(l.Environments))
	for i, environment := range l.Environments {
		names[i] = environment.Name
	}
	return environmentNames.ReplaceAllString(text, "${1} "+list(names))
}

var (
	callsUs       = regexp.MustCompile(`astrago-ci/\.github/workflows/|/\.github/actions/setup\b|\bscripts/mage\b`)
	workflowName  = regexp.MustCompile(`(?m)^name: (.+)$`)
	workflowGroup = regexp.MustCompile(`(?m)^(  group: )`)
)

// UsesTargets reports whether a workflow calls those of astrago-ci, or runs the targets in steps of its own.
func UsesTargets(workflow string) bool { return callsUs.MatchString(workflow) }

// renamed gives a workflow another name where the repository has one of its name that astrago-ci did not write: that is never overwritten.
// GitHub shows workflows by their names, and a concurrency group is one of the whole repository.
func (f Facts) renamed(file File) File {
	other := path.Join(path.Dir(file.Path), "astrago-ci.yml")
	if base := path.Base(file.Path); base != "release.yml" {
		other = path.Join(path.Dir(file.Path), "astrago-ci-"+base)
	}
	own := f.readFile(file.Path)
	if _, err := fs.Stat(f.Tree, other); err != nil && (own == "" || callsUs.MatchString(own)) {
		return file
	}
	file.Path = other
	file.Content = workflowName.ReplaceAllString(file.Content, "name: astrago-ci $1")
	file.Content = workflowGroup.ReplaceAllString(file.Content, "${1}astrago-ci-")
	return file
}
