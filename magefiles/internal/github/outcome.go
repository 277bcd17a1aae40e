package github

import (
	"context"
	"fmt"
	"slices"
)

// outcomeQuery asks for what GitHub itself records when a job with an environment begins and ends. The newest ones may be
// of jobs that still run, this one among them.
const outcomeQuery = `query LastDeployments($owner: String!, $name: String!, $environment: String!) {
  repository(owner: $owner, name: $name) {
    deployments(environments: [$environment], first: 10, orderBy: {field: CREATED_AT, direction: DESC}) { nodes { state } }
  }
}`

// LastFailed reports whether the newest deployment of a repository (owner/name) to an environment that has ended did so in
// failure. It is false where none has ended: not every job names its environment. What is inactive was cancelled, or replaced
// by a newer one, and hides nothing.
// https://docs.github.com/en/graphql/reference/deployments
func (c *Comparer) LastFailed(ctx context.Context, repository, environment string) (bool, error) {
	ctx, cancel := c.withDeadline(ctx)
	defer cancel()
	owner, name := SplitRepository(repository)
	var answer struct {
		Repository *struct {
			Deployments struct{ Nodes []struct{ State string } }
		}
	}
	variables := map[string]any{"owner": owner, "name": name, "environment": environment}
	err := c.clients.For(repository).Query(ctx, outcomeQuery, variables, &answer)
	if err != nil {
		return false, fmt.Errorf("asking GitHub for the last deployment of %s to %s: %w", repository, environment, err)
	}
	if answer.Repository == nil {
		return false, nil
	}
	for _, d := range answer.Repository.Deployments.Nodes {
		if !slices.Contains([]string{"IN_PROGRESS", "PENDING", "QUEUED", "WAITING", "INACTIVE"}, d.State) {
			return d.State == "FAILURE" || d.State == "ERROR", nil
		}
	}
	return false, nil
}
