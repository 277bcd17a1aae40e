package project

import (
	"context"

	"github.com/xiilab/astrago-ci/magefiles/internal/testkit/contract/pinned"
)

// fetchContracts fetches what others wrote and the tests hold our work against: GitHub's descriptions and an emulator of it,
// and axe-core.
func (c checkout) fetchContracts(ctx context.Context) error {
	return pinned.In(c.cache).Fetch(ctx, c.say)
}
