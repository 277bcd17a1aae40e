package graph_test

import "github.com/xiilab/astrago-ci/magefiles/internal/testkit/githubtest"

const (
	owner  = githubtest.Owner
	name   = githubtest.Name
	repo   = githubtest.Repository
	branch = githubtest.Branch
	file   = githubtest.File
	token  = githubtest.Token
)
