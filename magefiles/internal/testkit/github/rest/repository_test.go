package rest_test

import (
	"testing"

	gogithub "github.com/google/go-github/v62/github"
)

func TestRepositoryAndQuota(t *testing.T) {
	f := served(t)
	c := f.Client(token)
	r := must[*gogithub.Repository](t)(c.Repositories.Get(t.Context(), owner, name))
	if r.GetFullName() != repo || r.GetDefaultBranch() != branch || !r.GetPermissions()["push"] || r.GetPermissions()["admin"] {
		t.Errorf("repository = %v", r)
	}
	limits := must[*gogithub.RateLimits](t)(c.RateLimit.Get(t.Context()))
	if limits.Core.Limit != 5000 || limits.Core.Remaining != 4998 {
		t.Errorf("limits = %v", limits)
	}
}
