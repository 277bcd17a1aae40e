package rollout

import (
	"context"
	"slices"

	"github.com/opencontainers/go-digest"

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
	Tags        []map[string]string     // by probe, then by component
	named       []map[string]plan.Named // the same with the digests that the values have
}

// ReadEnvironments reads environments of a configuration, all deployments at once. only names components; empty is all.
func ReadEnvironments(
	ctx context.Context, client *gitops.Client, c *config.Config, only []string, environments ...*config.Environment,
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
			s.named, s.Tags = append(s.named, named), append(s.Tags, tagsOf(named))
		}
	}
	return states, nil
}

// AgreedTags returns the tags that all deployments of the environment have; one may lack components. Other tags of one image, as
// same tells, are as good: each deployment keeps what has not changed there, and one that failed has kept nothing.
func (s *EnvironmentState) AgreedTags(same func(component, tag, other string) (bool, error)) (map[string]string, error) {
	all, from := map[string]string{}, map[string]int{}
	for n, tags := range s.Tags {
		for component, tag := range tags {
			other, known := all[component]
			if !known {
				all[component], from[component] = tag, n
				continue
			}
			if other == tag {
				continue
			}
			ok, err := same(component, tag, other)
			if err != nil {
				return nil, err
			}
			if !ok {
				return nil, problem.New(problem.Refused, "finish what was begun there: mage bump -env="+s.Environment.Name,
					"reading %q: %s has the tag %s of %s, and %s has %s", s.Environment.Name,
					s.Ref(from[component]), other, component, s.Ref(n), tag)
			}
		}
	}
	return all, nil
}

// Digest returns the digest that the values have of a component, "" where they have none.
func (s *EnvironmentState) Digest(component string) digest.Digest {
	i := slices.IndexFunc(s.named, func(named map[string]plan.Named) bool { return named[component].Digest != "" })
	if i < 0 {
		return ""
	}
	return s.named[i][component].Digest
}

// Ref names the branch of a deployment, for people.
func (s *EnvironmentState) Ref(n int) string {
	return s.Snapshots[n].Repository + "@" + s.Snapshots[n].Branch
}

func tagsOf(named map[string]plan.Named) map[string]string {
	tags := make(map[string]string, len(named))
	for component, n := range named {
		tags[component] = n.Tag
	}
	return tags
}
