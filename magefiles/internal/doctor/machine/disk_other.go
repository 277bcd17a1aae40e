//go:build !linux && !darwin

package machine

import "errors"

func free(string) (uint64, error) { return 0, errors.ErrUnsupported }
