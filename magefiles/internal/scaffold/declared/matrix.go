package declared

import (
	"maps"

	"go.yaml.in/yaml/v4"
)

// combinations returns the jobs of a matrix that is written out, as GitHub makes them: each value with each of the others, then
// what `include` adds. One that a run computes has none but the empty one.
func combinations(matrix *yaml.Node) []map[string]*yaml.Node {
	jobs := []map[string]*yaml.Node{{}}
	axes := map[string]bool{}
	for _, axis := range pairs(matrix) {
		name := axis.key.Value
		if name == "include" || name == "exclude" || axis.value == nil || axis.value.Kind != yaml.SequenceNode {
			continue
		}
		axes[name] = true
		var next []map[string]*yaml.Node
		for _, job := range jobs {
			for _, value := range items(axis.value) {
				if len(next) < maxCombined {
					next = append(next, extend(job, name, resolve(value)))
				}
			}
		}
		jobs = next
	}
	if len(axes) == 0 {
		jobs = nil
	}
	for _, included := range items(get(matrix, "include")) {
		jobs = include(jobs, axes, pairs(included))
	}
	if len(jobs) == 0 {
		return []map[string]*yaml.Node{{}}
	}
	return jobs
}

// include adds an entry to the jobs whose own values it does not change, or as a job of its own.
func include(jobs []map[string]*yaml.Node, axes map[string]bool, entry []pair) []map[string]*yaml.Node {
	fits := func(job map[string]*yaml.Node) bool {
		for _, p := range entry {
			if axes[p.key.Value] && text(job[p.key.Value]) != text(p.value) {
				return false
			}
		}
		return len(axes) > 0
	}
	added := false
	for i, job := range jobs {
		if fits(job) {
			for _, p := range entry {
				jobs[i] = extend(jobs[i], p.key.Value, p.value)
			}
			added = true
		}
	}
	if !added && len(jobs) < maxCombined {
		job := map[string]*yaml.Node{}
		for _, p := range entry {
			job[p.key.Value] = p.value
		}
		jobs = append(jobs, job)
	}
	return jobs
}

func extend(job map[string]*yaml.Node, name string, value *yaml.Node) map[string]*yaml.Node {
	extended := make(map[string]*yaml.Node, len(job)+1)
	maps.Copy(extended, job)
	extended[name] = value
	return extended
}
