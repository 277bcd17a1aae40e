package plan

import (
	"slices"
	"strings"

	"github.com/xiilab/astrago-ci/magefiles/internal/config"
)

// holdsOf are the files in which a branch keeps the holds of the service in an environment: the one of its name, and those of names
// that it had before.
func holdsOf(cfg *config.Config, environment *config.Environment) []string {
	path := func(service string) string { return ".astrago/holds/" + environment.Name + "/" + service + ".yaml" }
	paths := []string{path(cfg.Service)}
	for _, name := range cfg.Formerly {
		if !strings.Contains(name, "/") { // that is a repository's
			paths = append(paths, path(name))
		}
	}
	return paths
}

// addNeighbours gives each deployment the environments that set values of its files, too. Components whose templates ask for what is
// not known of them have no edits there.
func addNeighbours(all []Deployment, cfg *config.Config, environment *config.Environment) {
	for i := range cfg.Environments {
		other := &cfg.Environments[i]
		if other.Name == environment.Name {
			continue
		}
		for n := range all {
			neighbour := Neighbour{Environment: other.Name, Holds: holdsOf(cfg, other)}
			for _, target := range other.Deploy {
				if fileOf(all[n:n+1], target) != nil {
					neighbour.add(cfg, other, target)
				}
			}
			if len(neighbour.Files) > 0 {
				all[n].Neighbours = append(all[n].Neighbours, neighbour)
			}
		}
	}
}

// add adds an entry of the environment's configuration.
func (n *Neighbour) add(cfg *config.Config, environment *config.Environment, target config.Deploy) {
	namer, file := probeNamer(cfg, environment), File{Path: target.File, Create: target.Create, Shared: target.Shared}
	for _, component := range cfg.Components {
		if !target.Sets(component.Name) {
			continue
		}
		image := probeImage(cfg, environment, component)
		if expressions, err := namer.setExpressions(target, image); err == nil {
			file.Edits = append(file.Edits, Edit{Component: component.Name, Image: image.Ref(), Expressions: expressions})
		}
	}
	if i := slices.IndexFunc(n.Files, func(f File) bool { return f.Path == target.File }); i >= 0 {
		n.Files[i].Edits = append(n.Files[i].Edits, file.Edits...)
		return
	}
	n.Files = append(n.Files, file)
}
