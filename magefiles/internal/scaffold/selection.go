package scaffold

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold/declared"
)

// selection is which of a repository's images are proposed.
type selection struct {
	chosen []Component
	left   []LeftOut
}

// Ranks of what declares a build. From published on, what is not declared is not an image of the repository's.
const (
	undeclared = iota
	attempted  // for development
	scripted
	composed
	published
)

func rank(b declared.Build) int {
	switch {
	case b.Development:
		return attempted
	case b.Kind == declared.Workflow || b.Kind == declared.Bake || b.Kind == declared.Skaffold:
		return published
	case b.Kind == declared.Compose:
		return composed
	}
	return scripted
}

// selectImages chooses Dockerfiles by what the repository's files say of them. What a workflow publishes counts more than what Compose
// builds, and that more than a Dockerfile by itself.
func selectImages(files []dockerfile, builds []declared.Build) selection {
	byFile := map[string][]declared.Build{}
	for _, b := range builds {
		byFile[b.Dockerfile] = append(byFile[b.Dockerfile], b)
	}
	strongest := undeclared
	for _, file := range files {
		if auxiliary(file.path) == "" {
			strongest = max(strongest, best(byFile[file.path]))
		}
	}
	var s selection
	for _, file := range files {
		own := byFile[file.path]
		reason := leaveOut(file.path, own, strongest)
		components := variants(file, own)
		if reason == "" {
			s.chosen = append(s.chosen, components...)
			continue
		}
		for _, c := range components[:1] {
			s.left = append(s.left, LeftOut{c, reason})
		}
	}
	return s
}

// best is the highest rank of the builds of a Dockerfile.
func best(builds []declared.Build) (highest int) {
	for _, b := range builds {
		highest = max(highest, rank(b))
	}
	return highest
}

// leaveOut returns why a Dockerfile is not proposed, empty where it is.
func leaveOut(name string, builds []declared.Build, strongest int) string {
	own, aside := best(builds), auxiliary(name)
	switch {
	case own == published:
		return ""
	case aside != "":
		return aside
	case strongest == published && own == composed:
		return fmt.Sprintf("built by %s, published by no workflow", builds[0].Place)
	case strongest >= scripted && own == undeclared:
		return "no workflow, Compose file or script builds it"
	case strongest == published:
		return "no workflow publishes it"
	}
	return ""
}

// variants are the images that are made of one Dockerfile: one for each stage, or for each context with its arguments, that the files
// of the highest rank name.
func variants(file dockerfile, builds []declared.Build) []Component {
	highest := best(builds)
	var followed []declared.Build
	for _, b := range builds {
		if rank(b) == highest {
			followed = append(followed, b)
		}
	}
	if len(followed) == 0 {
		return []Component{{Dockerfile: file.path, Args: file.arguments(nil, nil), file: file}}
	}
	groups := map[string][]declared.Build{}
	var order []string
	for _, b := range followed {
		key := b.Target
		if highest == attempted {
			key = ""
		}
		if perModule(file, followed) {
			key += "\x00" + b.Context + "\x00" + b.Name
		}
		if groups[key] == nil {
			order = append(order, key)
		}
		groups[key] = append(groups[key], b)
	}
	var components []Component
	for _, key := range order {
		components = append(components, component(file, groups[key], builds, highest))
	}
	nameByStage(components)
	return components
}

// nameByStage names the images of one Dockerfile after their stages, where the files give them no names of their own.
func nameByStage(components []Component) {
	names := map[string]bool{}
	for _, c := range components {
		names[c.Name] = true
	}
	for i := range components {
		if c := &components[i]; c.Target != "" && len(components) > 1 && (len(names) < len(components) || names[""]) {
			c.Name = c.Target
		}
	}
}

// perModule reports whether one Dockerfile makes an image of each of several modules: an argument says which.
func perModule(file dockerfile, builds []declared.Build) bool {
	for _, arg := range file.args {
		values, _ := knownValues(arg.name, builds)
		names := map[string]bool{}
		for _, b := range builds {
			names[b.Name] = true
		}
		if arg.needed && len(values) > 1 && len(names) == len(builds) && len(builds) > 1 {
			return true
		}
	}
	return false
}

// component is the image that equal builds make.
func component(file dockerfile, builds, all []declared.Build, highest int) Component {
	first := builds[0]
	c := Component{
		Name: agreedName(file, builds, all), Dockerfile: file.path, Context: first.Context, Contexts: first.Contexts,
		Args: file.arguments(builds, all), file: file, builds: builds,
	}
	same := slices.Clone(builds)
	if len(all) > len(builds) { // others of it may know more
		for _, b := range all {
			known := slices.ContainsFunc(same, func(s declared.Build) bool { return s.Place == b.Place })
			if !known && b.Context == first.Context && (b.Target == first.Target || b.Target == "") {
				same = append(same, b)
			}
		}
	}
	slices.SortStableFunc(same, func(a, b declared.Build) int { return rank(b) - rank(a) })
	for _, b := range same {
		c.Witnesses = append(c.Witnesses, b.Place.String())
	}
	switch {
	case highest > attempted:
		c.Target = first.Target
	case first.Target != "" && len(file.named) > 1:
		c.Name = ""
		c.Target = "<the stage to release, one of: " + strings.Join(file.named[:min(len(file.named), 12)], ", ") + ">"
	}
	return c
}

// agreedName is the name that files give an image: that of the service, target or artifact.
func agreedName(file dockerfile, builds, all []declared.Build) string {
	for _, from := range [][]declared.Build{builds, all} {
		names := map[string]bool{}
		for _, b := range from {
			if b.Name != "" && !b.Development && b.Target == builds[0].Target {
				names[b.Name] = true
			}
		}
		sorted := slices.Sorted(maps.Keys(names))
		for _, name := range sorted {
			if len(sorted) == 1 || slices.Contains(strings.Split(path.Dir(file.path), "/"), name) {
				return name
			}
		}
	}
	if builds[0].Target != "" && len(builds[0].Target) < 40 {
		return builds[0].Target
	}
	return ""
}
