package scaffold

import (
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/scaffold/declared"
)

// repositoryPath is the grammar of names in registries, host included; local ones are of one machine.
var (
	repositoryPath = regexp.MustCompile(`^(?:[A-Za-z0-9.-]+(?::[0-9]+)?/)?[a-z0-9]+(?:(?:\.|_{1,2}|-+|/)[a-z0-9]+)*$`)
	localRegistry  = regexp.MustCompile(`^(?:localhost|127\.|[^/]*\.local(?:host)?[:/]|registry(?::[0-9]+)?/)`)
)

// nameImages says where the images go: where workflows push them today, by the agreement of what they say with the remote's address or
// with each other.
func (l *Layout) nameImages() {
	pushed := make([]map[string]string, len(l.Components)) // repository to place
	for i, c := range l.Components {
		pushed[i] = pushedTo(c.builds)
	}
	shared := common(pushed)
	switch {
	case shared[l.Image] != "":
		l.ImageFound = shared[l.Image]
	case len(shared) > 0:
		l.Image = preferred(shared)
		l.ImageFound = shared[l.Image]
	case slices.ContainsFunc(pushed, func(each map[string]string) bool { return len(each) > 0 }):
		for i := range l.Components {
			if len(pushed[i]) > 0 {
				name := preferred(pushed[i])
				if pushed[i][l.Image] != "" {
					name = l.Image
				}
				l.Components[i].ownImage(name, pushed[i][name], l)
			}
		}
	}
	l.ImageUnknown = l.unknownImage()
}

// common are the repositories that all components go to which go anywhere.
func common(pushed []map[string]string) (shared map[string]string) {
	for _, each := range pushed {
		if shared == nil && len(each) > 0 {
			shared = maps.Clone(each)
		}
		if len(each) > 0 {
			maps.DeleteFunc(shared, func(name, _ string) bool { return each[name] == "" })
		}
	}
	return shared
}

// unknownImage returns a place that pushes to a repository known at run time only, unless another place has named one.
func (l *Layout) unknownImage() string {
	for _, c := range l.Components {
		for _, b := range c.builds {
			if len(b.Unknown) > 0 && rank(b) == published && l.ImageFound == "" {
				return b.Place.String()
			}
		}
	}
	return ""
}

// ownImage gives a component a repository of its own, unless it is that of all.
func (c *Component) ownImage(name, found string, l *Layout) {
	if name == l.Image {
		l.ImageFound = found
		return
	}
	c.Image, c.imageFound = name, found
}

// pushedTo are the repositories that published builds push to, with the place that says so.
func pushedTo(builds []declared.Build) map[string]string {
	names := map[string]string{}
	for _, b := range builds {
		if b.Development || !b.Pushes {
			continue
		}
		for _, name := range b.Images {
			if name = withHost(name); repositoryPath.MatchString(name) && !localRegistry.MatchString(name) && names[name] == "" {
				names[name] = b.Place.String()
			}
		}
	}
	return names
}

// withHost returns a name as registries are named elsewhere: what has no host is on Docker Hub.
func withHost(name string) string {
	host, _, slash := strings.Cut(name, "/")
	if slash && (strings.ContainsAny(host, ".:") || host == "localhost") {
		return strings.TrimPrefix(name, "index.")
	}
	return "docker.io/" + name
}

// preferred is the repository to push to of several: GitHub's, whose token a workflow has, else the one of the first place.
func preferred(names map[string]string) string {
	sorted := slices.Sorted(maps.Keys(names))
	for _, name := range sorted {
		if strings.HasPrefix(name, "ghcr.io/") {
			return name
		}
	}
	return slices.MinFunc(sorted, func(a, b string) int { return strings.Compare(names[a], names[b]) })
}
