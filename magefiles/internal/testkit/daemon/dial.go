package daemon

import (
	"context"
	"net"
)

// DialUnix dials a unix socket whatever the address is, as http.Transport's DialContext.
func DialUnix(path string) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", path)
	}
}
