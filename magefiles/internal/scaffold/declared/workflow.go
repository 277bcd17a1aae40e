package declared

import (
	"path"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

var yamlNames = regexp.MustCompile(`\.ya?ml$`)

// workflow is a parsed file below .github/workflows.
type workflow struct {
	name string
	root *yaml.Node
	own  scope // at the top
}

// workflows returns those of the repository that can be parsed.
func (r Repository) workflows() (all []workflow) {
	for _, name := range r.files(yamlNames) {
		if path.Dir(name) != ".github/workflows" {
			continue
		}
		for _, root := range documents(r.read(name)) {
			s := scope{repository: r.Name, inputs: map[string]string{}}
			for _, event := range []string{"workflow_call", "workflow_dispatch"} {
				for _, input := range pairs(get(root, "on", event, "inputs")) {
					if value := get(input.value, "default"); value != nil {
						s.inputs[input.key.Value] = text(value)
					}
				}
			}
			all = append(all, workflow{name, root, s.withEnv(get(root, "env"))})
		}
	}
	return all
}

// triggers returns the events that start the workflow, by branches and tags.
func (w workflow) triggers() (t Triggers) {
	on := get(w.root, "on")
	for _, event := range []string{"push", "pull_request"} {
		for _, pattern := range items(get(on, event, "branches")) {
			t.Branches = appendNew(t.Branches, text(pattern))
		}
		for _, pattern := range items(get(on, event, "tags")) {
			t.Tags = appendNew(t.Tags, text(pattern))
		}
	}
	for _, event := range items(on) { // on: push, or a list
		t.Pushed = t.Pushed || text(event) == "push"
	}
	for _, p := range pairs(on) {
		t.Pushed = t.Pushed || p.key.Value == "push" && (len(t.Tags) == 0 || len(t.Branches) > 0)
	}
	return t
}

// workflowBuilds are the steps of workflows that build images.
func (r Repository) workflowBuilds() (all []Build) {
	for _, w := range r.workflows() {
		var builds []Build
		for _, job := range pairs(get(w.root, "jobs")) {
			for _, combination := range combinations(get(job.value, "strategy", "matrix")) {
				s := w.own
				s.matrix = combination
				s = s.withEnv(get(job.value, "env"))
				if len(builds) < maxBuilds {
					builds = append(builds, r.jobBuilds(job, s)...)
				}
			}
		}
		for i := range builds {
			builds[i].File, builds[i].Triggers, builds[i].Development = w.name, w.triggers(), trialWords.MatchString(path.Base(w.name))
		}
		all = append(all, merge(builds)...)
	}
	return all
}

// jobBuilds are the builds of one job of a matrix.
func (r Repository) jobBuilds(job pair, s scope) (builds []Build) {
	s.images = map[string][]string{}
	if b, ok := r.actionBuild(job.value, s); ok { // a called workflow
		builds = append(builds, b)
	}
	pushes := false
	for _, step := range items(get(job.value, "steps")) {
		if strings.Contains(text(get(step, "run")), "docker push") {
			pushes = true
		}
	}
	directory := text(get(job.value, "defaults", "run", "working-directory"))
	for _, step := range items(get(job.value, "steps")) {
		own := s.withEnv(get(step, "env"))
		if strings.Contains(text(get(step, "uses")), "/metadata-action") {
			for line := range strings.Lines(own.evaluate(text(get(step, "with", "images")))) {
				id := text(get(step, "id"))
				s.images[id] = appendNew(s.images[id], strings.TrimSpace(line))
			}
			continue
		}
		if b, ok := r.actionBuild(step, own); ok {
			builds = append(builds, b)
		}
		if run := get(step, "run"); run != nil {
			builds = append(builds, runBuilds(step, run, own, directory, pushes)...)
		}
	}
	return builds
}

// runBuilds are those of the lines of a step.
func runBuilds(step, run *yaml.Node, s scope, directory string, pushes bool) []Build {
	if own := text(get(step, "working-directory")); own != "" {
		directory = own
	}
	if directory = s.evaluate(directory); directory == "" {
		directory = "."
	}
	builds := commandBuilds(s.evaluate(text(run)), directory, s.env)
	first := run.Line
	if run.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 {
		first--
	}
	for i := range builds {
		b := &builds[i]
		b.Pushes = b.Pushes || pushes
		if b.Line += first; b.Pushes {
			b.Kind = Workflow
		} else {
			b.Kind = Check
		}
	}
	return builds
}
