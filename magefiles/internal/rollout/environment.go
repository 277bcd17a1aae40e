package rollout

import (
	"context"
	"slices"

	"github.com/opencontainers/go-digest"

	"github.com/xiilab/astrago-ci/magefiles/internal/component"
	"github.com/xiilab/astrago-ci/magefiles/internal/config"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/edit"
	"github.com/xiilab/astrago-ci/magefiles/internal/gitops/repo"
	"github.com/xiilab/astrago-ci/magefiles/internal/plan"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// EnvironmentState is an environment as the deployment repositories have it now.
type EnvironmentState struct {
	Environment *config.Environment
	Probes      []plan.Deployment
	Snapshots   []*repo.Snapshot
	Deployed    []map[component.Name]plan.Named // by probe: the tags, with the digests that the values have
}

// ReadEnvironments reads environments of a configuration, all deployments at once. only names components; empty is all.
func ReadEnvironments(
	ctx context.Context, client *gitops.Client, c *config.Config, only []component.Name, environments ...*config.Environment,
) ([]*EnvironmentState, error) {
	states := make([]*EnvironmentState, len(environments))
	var targets []plan.Deployment
	for i, environment := range environments {
		probes, err := plan.Probe(c, environment, only)
		if err != nil {
			return nil, err
		}
		states[i] = &EnvironmentState{Environment: environment, Probes: probes}
		targets = append(targets, probes...)
	}
	snapshots, err := ReadAll(ctx, client, targets)
	if err != nil {
		return nil, err
	}
	for _, s := range states {
		s.Snapshots, snapshots = snapshots[:len(s.Probes)], snapshots[len(s.Probes):]
		for i, probe := range s.Probes {
			named, err := edit.Named(s.Snapshots[i], probe)
			if err != nil {
				return nil, err
			}
			s.Deployed = append(s.Deployed, named)
		}
	}
	return states, nil
}

// Tags returns the tags of a deployment.
func (s *EnvironmentState) Tags(n int) map[component.Name]string { return edit.TagsOf(s.Deployed[n]) }

// AgreedTags returns the tags that all deployments of the environment have; one may lack components. Other tags of one image, as
// same tells, are as good: each deployment keeps what has not changed there, and one that failed has kept nothing.
func (s *EnvironmentState) AgreedTags(same func(name component.Name, tag, other string) (bool, error)) (map[component.Name]string, error) {
	all, from := map[component.Name]string{}, map[component.Name]int{}
	for n, deployed := range s.Deployed {
		for name, tag := range edit.TagsOf(deployed) {
			other, known := all[name]
			if !known {
				all[name], from[name] = tag, n
				continue
			}
			if other == tag {
				continue
			}
			ok, err := same(name, tag, other)
			if err != nil {
				return nil, err
			}
			if !ok {
				return nil, problem.New(problem.Refused, "finish what was begun there: mage bump -env="+s.Environment.Name,
					"reading %q: %s has the tag %s of %s, and %s has %s", s.Environment.Name,
					s.Ref(from[name]), other, name, s.Ref(n), tag)
			}
		}
	}
	return all, nil
}

// Digest returns the digest that the values have of a component, "" where they have none.
func (s *EnvironmentState) Digest(name component.Name) digest.Digest {
	i := slices.IndexFunc(s.Deployed, func(named map[component.Name]plan.Named) bool { return named[name].Digest != "" })
	if i < 0 {
		return ""
	}
	return s.Deployed[i][name].Digest
}

// Ref names the branch of a deployment, for people.
func (s *EnvironmentState) Ref(n int) string {
	return s.Snapshots[n].Repository + "@" + s.Snapshots[n].Branch
}
