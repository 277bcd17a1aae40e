package declared

import (
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Delivery is a job of a workflow that changes files of another repository.
type Delivery struct {
	Place
	Repository string // owner/name
	Branch     string // of it; empty for its default
	Edits      []Edit
	Triggers   Triggers
}

// Edit is a tag that a job sets in a file.
type Edit struct {
	Place
	File      string // relative to the other repository's root
	Before    string // path of yq in front of the component
	Component string
	Key       string // behind it
}

var (
	repositoryName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$`)
	clonedName     = regexp.MustCompile(`git clone\b[^\n]*github\.com[:/]([A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+?)(?:\.git)?["'\s]+` +
		`(?:([A-Za-z0-9._/-]+))?`)
	editedFile = regexp.MustCompile(`[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*\.ya?ml`)
	editedPath = regexp.MustCompile(`((?:\.[A-Za-z0-9_-]+)*?)\.([A-Za-z0-9_-]+)((?:\.image)?\.[A-Za-z0-9_]*[tT]ag)\s*=`)
)

// Deliveries are the jobs that check another repository out, or clone it, and set tags in its files: one of both says little.
func (r Repository) Deliveries() (all []Delivery) {
	for _, w := range r.workflows() {
		for _, job := range pairs(get(w.root, "jobs")) {
			d := Delivery{Place: Place{w.name, job.key.Line}}
			checkouts := d.read(r, job.value, w.own.withEnv(get(job.value, "env")))
			if d.Repository == "" || len(d.Edits) == 0 || len(all) == maxFiles {
				continue
			}
			for i := range d.Edits {
				for _, checkout := range checkouts {
					d.Edits[i].File = strings.TrimPrefix(d.Edits[i].File, checkout+"/")
				}
			}
			d.Triggers = w.triggers()
			all = append(all, d)
		}
	}
	return all
}

// read notes what the steps of a job do, and gives the directories of the other repository's checkouts.
func (d *Delivery) read(r Repository, job *yaml.Node, s scope) (checkouts []string) {
	for _, step := range items(get(job, "steps")) {
		own := s.withEnv(get(step, "env"))
		repository := own.evaluate(text(get(step, "with", "repository")))
		if strings.Contains(text(get(step, "uses")), "actions/checkout") && r.foreign(repository) {
			d.Repository, d.Line = repository, get(step, "with", "repository").Line
			if ref := own.evaluate(text(get(step, "with", "ref"))); !strings.Contains(ref, unresolved) {
				d.Branch = strings.TrimPrefix(ref, "refs/heads/")
			}
			checkouts = append(checkouts, path.Clean("./"+own.evaluate(text(get(step, "with", "path")))))
		}
		with := get(step, "with")
		for _, script := range []*yaml.Node{get(step, "run"), get(with, "cmd"), get(with, "command"), get(with, "inlineScript")} {
			if script != nil {
				checkouts = append(checkouts, d.readScript(r, script, expand(own.evaluate(text(script)), own.env))...)
			}
		}
	}
	return checkouts
}

func (r Repository) foreign(repository string) bool {
	return repositoryName.MatchString(repository) && !strings.EqualFold(repository, r.Name)
}

func (d *Delivery) readScript(r Repository, node *yaml.Node, script string) (checkouts []string) {
	if match := clonedName.FindStringSubmatch(script); match != nil && r.foreign(match[1]) {
		d.Repository, d.Line = match[1], node.Line
		directory := match[2]
		if directory == "" {
			directory = path.Base(match[1])
		}
		checkouts = append(checkouts, directory)
	}
	number := node.Line
	if node.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		number++
	}
	file := ""
	for line := range strings.Lines(script) {
		found := editedFile.FindString(line)
		match := editedPath.FindStringSubmatch(line)
		if found != "" {
			file = found
		}
		if match != nil && file != "" && len(d.Edits) < maxBuilds {
			d.Edits = append(d.Edits, Edit{Place{d.File, number}, file, match[1], match[2], match[3]})
		}
		number++
	}
	return checkouts
}
