package diagnosis

import (
	"errors"

	"github.com/xiilab/astrago-ci/magefiles/internal/github"
	"github.com/xiilab/astrago-ci/magefiles/internal/problem"
)

// Token turns the error of a token that github.New does not take into a Problem; any other error stays as it is.
func Token(err error, by github.Identity) error {
	name := identity(by).name()
	switch {
	case errors.Is(err, github.ErrNoToken):
		return problem.New(problem.Usage,
			"set DEPLOY_TOKEN to a token for the deployment repository: fine-grained with Contents read and write, or classic with "+
				"scope repo; or DEPLOY_APP_ID and DEPLOY_APP_KEY to a GitHub App that is installed there",
			"reaching the deployment repository: DEPLOY_TOKEN is not set")
	case errors.Is(err, github.ErrMalformedToken):
		return problem.New(problem.Usage, "set "+name+" to the bare token",
			"reaching the deployment repository: %s holds characters that no token has (a space, a line break)", name)
	}
	return err
}
