package protocol

import (
	"context"
	"io"
	"net"
	"time"
)

// sendSize is the number of bytes of a file that are sent between two reports of progress.
const sendSize = 1 << 20

// dialTCP connects by TCP.
func dialTCP(ctx context.Context, network, address string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: 30 * time.Second, KeepAlive: 30 * time.Second}
	connection, err := dialer.DialContext(ctx, network, address)
	if tcp, ok := connection.(*net.TCPConn); ok {
		return sendfileConn{tcp}, err
	}
	return connection, err
}

// sendfileConn lets the kernel copy a blob's file to the connection (sendfile) and reports how far it is. net/http asks for it
// where there is no TLS between.
type sendfileConn struct{ *net.TCPConn }

// ReadFrom sends what r holds; net/http calls it with a request's body, limited to its length.
func (c sendfileConn) ReadFrom(r io.Reader) (sent int64, err error) {
	limited, ok := r.(*io.LimitedReader)
	if !ok {
		return c.TCPConn.ReadFrom(r)
	}
	b, ok := limited.R.(*blobBody)
	if !ok || b.file == nil {
		return c.TCPConn.ReadFrom(r)
	}
	if _, err := b.file.Seek(b.offset, io.SeekStart); err != nil {
		return 0, err
	}
	for limited.N > 0 {
		n, err := c.TCPConn.ReadFrom(&io.LimitedReader{R: b.file, N: min(limited.N, sendSize)})
		sent, limited.N, b.offset = sent+n, limited.N-n, b.offset+n
		b.moved(b.offset)
		if err != nil || n == 0 {
			return sent, err
		}
	}
	return sent, nil
}
