package notes

import (
	"slices"
	"strings"
)

// Category is the kind of a change.
type Category string

// The categories, in the order of their output.
const (
	Breaking      Category = "breaking"
	Features      Category = "features"
	Fixes         Category = "fixes"
	Performance   Category = "performance"
	Reverts       Category = "reverts"
	Documentation Category = "documentation"
	Maintenance   Category = "maintenance"
	Other         Category = "other"
)

// categories returns all of them in their order.
func categories() []Category {
	return []Category{Breaking, Features, Fixes, Performance, Reverts, Documentation, Maintenance, Other}
}

// categoryOfType returns the category of a type of Conventional Commits.
func categoryOfType(name string) (Category, bool) {
	switch strings.ToLower(name) {
	case "feat", "feature":
		return Features, true
	case "fix", "bugfix", "hotfix", "security":
		return Fixes, true
	case "perf":
		return Performance, true
	case "revert":
		return Reverts, true
	case "docs", "doc":
		return Documentation, true
	case "build", "chore", "ci", "deps", "refactor", "style", "test", "tests":
		return Maintenance, true
	}
	return Other, false
}

// categoryOfLabel returns the category of a label, whose prefix (`type: bug`, `kind/bug`) does not count.
func categoryOfLabel(label string) (Category, bool) {
	name := strings.ToLower(label)
	if i := strings.LastIndexAny(name, ":/"); i >= 0 {
		name = name[i+1:]
	}
	switch name = strings.ReplaceAll(strings.TrimSpace(name), " ", "-"); name {
	case "breaking", "breaking-change":
		return Breaking, true
	case "enhancement":
		return Features, true
	case "bug":
		return Fixes, true
	case "performance":
		return Performance, true
	case "documentation":
		return Documentation, true
	case "dependencies", "maintenance", "internal":
		return Maintenance, true
	}
	return categoryOfType(name)
}

// category is that of the title's type, or else of a label of the pull request.
func (c Change) category() Category {
	if c.Breaking {
		return Breaking
	}
	if found, ok := categoryOfType(c.Type); ok {
		return found
	}
	best := Other
	if c.PullRequest != nil {
		for _, label := range c.PullRequest.Labels {
			if found, ok := categoryOfLabel(label); ok && slices.Index(categories(), found) < slices.Index(categories(), best) {
				best = found
			}
		}
	}
	return best
}

// groupChanges puts changes into the groups of their categories and keeps their order in each.
func groupChanges(changes []Change) []Group {
	groups := []Group{}
	for _, category := range categories() {
		var of []Change
		for _, c := range changes {
			if c.category() == category {
				of = append(of, c)
			}
		}
		if len(of) > 0 {
			groups = append(groups, Group{Category: category, Changes: of})
		}
	}
	return groups
}
