package project

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/contract/pinned"
)

// fetchContracts fetches the third-party files that tests check this project against: GitHub's descriptions and an emulator of it, and
// axe-core.
func (c checkout) fetchContracts(ctx context.Context) error {
	return pinned.In(c.cache).Fetch(ctx, c.say)
}
