package graph_test

import (
	"testing"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"
)

const deployments = `query($environments: [String!]) { repository(owner: "acme", name: "deployment") {
  deployments(environments: $environments, first: 2, orderBy: {field: CREATED_AT, direction: DESC}) {
    totalCount nodes { id createdAt environment state }
  }
} }`

func TestDeploymentsOfAnEnvironmentNewestFirst(t *testing.T) {
	f := githubtest.Start(t)
	f.Server.Grant(token, repo, github.Permissions{Deployments: github.Read})
	for _, d := range [][2]string{{"stage", "INACTIVE"}, {"stage", "FAILURE"}, {"prod", "ACTIVE"}, {"stage", "IN_PROGRESS"}} {
		if err := f.Server.Deploy(repo, d[0], d[1]); err != nil {
			t.Fatal(err)
		}
	}
	g := f.Query(token, deployments, map[string]any{"environments": []string{"stage"}})
	if g.Errors != nil {
		t.Fatal(g.Errors)
	}
	found := githubtest.At(t, g.Data, "repository", "deployments")
	if githubtest.At(t, found, "totalCount") != 3.0 || githubtest.At(t, found, "nodes", 0, "state") != "IN_PROGRESS" || githubtest.At(t, found, "nodes", 1, "state") != "FAILURE" {
		t.Errorf("deployments %v", found)
	}
}

func TestDeploymentsNeedTheirPermission(t *testing.T) {
	f := githubtest.Start(t)
	f.Server.Grant(token, repo, github.Permissions{Contents: github.Write})
	if g := f.Query(token, deployments, nil); len(g.Errors) != 1 || g.Errors[0].Type != "FORBIDDEN" {
		t.Errorf("errors %v", g.Errors)
	}
}
