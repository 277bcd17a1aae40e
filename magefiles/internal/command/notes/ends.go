package notes

import (
	"cmp"
	"context"
	"slices"

	"github.com/xiilab/astrago-ci/magefiles/internal/cli"
	"github.com/xiilab/astrago-ci/magefiles/internal/commitid"
	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/git"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/notes"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
	"github.com/xiilab/astrago-ci/magefiles/internal/rollout"
)

// ends are the commits that are compared, by component.
type ends struct {
	base, head         map[component.Name]commitid.ID
	baseName, headName string // of the environments that have them, where one does not tell
}

// findEnds finds the commits to compare: with -since that commit and the deployed one; else the deployed one and the one to deploy, which
// is that of the environment to promote from, or the checked-out one.
func findEnds(ctx context.Context, env *cli.Env, o Options) (ends, notes.Notes, error) {
	target := env.Project.Environment
	from, err := sourceEnvironment(env, o)
	if err != nil {
		return ends{}, notes.Notes{}, err
	}
	environments := []*config.Environment{target}
	n := notes.Notes{Since: o.Since}
	if from != nil {
		n.From = from.Name
		environments = append(environments, from)
	}
	deployed, err := readSources(ctx, env, environments)
	if err != nil {
		return ends{}, n, err
	}
	e := ends{base: deployed[0], baseName: target.Name}
	switch {
	case o.Since != "":
		since, err := resolveSince(ctx, env, o.Since)
		e.base, e.head, e.headName = same(deployed[0], since), deployed[0], target.Name
		return e, n, err
	case from != nil:
		e.head, e.headName = deployed[1], from.Name
	default:
		e.head = same(deployed[0], env.Project.Commit.SHA)
	}
	return e, n, nil
}

// sourceEnvironment is the environment whose images would be deployed; nil where the commit that is checked out would be.
func sourceEnvironment(env *cli.Env, o Options) (*config.Environment, error) {
	target := env.Project.Environment
	if o.Since != "" || cmp.Or(o.From, target.From) == "" {
		return nil, nil
	}
	return env.Project.Config.Source(target, o.From)
}

// readSources returns, for each environment, the commit of each component that it has.
func readSources(ctx context.Context, env *cli.Env, environments []*config.Environment) ([]map[component.Name]commitid.ID, error) {
	client, err := env.Clients.Deployment()
	if err != nil {
		return nil, err
	}
	states, err := rollout.ReadEnvironments(ctx, client, env.Project.Config, env.Flags.Only, environments...)
	if err != nil {
		return nil, err
	}
	all := make([]map[component.Name]commitid.ID, len(states))
	for i, state := range states {
		sources, err := rollout.Sources(ctx, env, state)
		if err != nil {
			return nil, err
		}
		all[i] = map[component.Name]commitid.ID{}
		for name, source := range sources {
			all[i][name] = source.SHA
		}
	}
	return all, nil
}

// resolveSince finds the commit that a person names: by a revision of this clone, by its id, or by the tag of an image.
func resolveSince(ctx context.Context, env *cli.Env, since string) (commitid.ID, error) {
	id, err := git.Resolve(ctx, env.Project.Commit.Root, since)
	if err != nil || id != "" {
		return id, err
	}
	if id = edit.CommitInTag(since); id != "" {
		return id, nil
	}
	return "", problem.New(problem.Usage, "git fetch --tags, or name a commit by 8 digits or more",
		"finding -since=%s: this clone has no such commit or tag", since)
}

// same has one commit for all components.
func same(components map[component.Name]commitid.ID, sha commitid.ID) map[component.Name]commitid.ID {
	all := map[component.Name]commitid.ID{}
	for name := range components {
		all[name] = sha
	}
	return all
}

// ways puts together the components that go the same way. One that is only at one of the ends goes none.
func (e ends) ways(images []plan.Image) []rollout.Way {
	var ways []rollout.Way
	for _, image := range images {
		base, deployed := e.base[image.Component]
		head, offered := e.head[image.Component]
		if !deployed || !offered {
			continue
		}
		i := slices.IndexFunc(ways, func(w rollout.Way) bool { return w.Base == base && w.Head == head })
		if i >= 0 {
			ways[i].Components = append(ways[i].Components, image.Component)
			continue
		}
		way := rollout.Way{Components: []component.Name{image.Component}, Base: base, Head: head}
		switch {
		case base == "":
			way.Reason = "nothing tells which commit its image in " + e.baseName + " is of"
		case head == "":
			way.Reason = "nothing tells which commit its image in " + e.headName + " is of"
		}
		ways = append(ways, way)
	}
	return ways
}
