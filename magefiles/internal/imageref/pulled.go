package imageref

import (
	"maps"
	"slices"
	"strings"
)

// Pulled returns the repository that a manifest or a cluster means by a name, without tag and digest, as container runtimes complete
// it; the zero Repository where the name is not one.
func Pulled(name string) Repository {
	if host, path, found := strings.Cut(name, "/"); found {
		name = strings.ToLower(host) + "/" + path
	}
	r, err := ParseRepository(name)
	if err != nil {
		return Repository{}
	}
	if r.Host == "registry-1.docker.io" { // the address of docker.io's registry
		r.Host = "docker.io"
	}
	return r
}

// PulledAs returns the repositories that a cluster may pull the repository by: its own name, and those of mirrors, which have a prefix of
// what is pulled by the prefix of what is pushed (config.Environment.Mirrors).
func (r Repository) PulledAs(mirrors map[string]string) []Repository {
	all := []Repository{Pulled(r.String())}
	for _, pushed := range slices.Sorted(maps.Keys(mirrors)) {
		rest, ok := strings.CutPrefix(all[0].String(), strings.TrimSuffix(pushed, "/"))
		if ok && (rest == "" || rest[0] == '/') {
			all = append(all, Pulled(strings.TrimSuffix(mirrors[pushed], "/")+rest))
		}
	}
	return all
}
