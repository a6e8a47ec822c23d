package broker

import "context"

// keepPace waits as long as the client is ahead of its rate. What it sends meanwhile waits in the network, acknowledgements
// too, but never for more than a second's worth of messages. An error means that the connection ends.
func (c *conn) keepPace(ctx context.Context) error {
	if c.pace == nil || c.pace.Allow() {
		return nil
	}
	c.broker.refused(LimitPublishRate, c.client.ID)
	if err := c.pace.Wait(ctx); err != nil {
		return errClosed
	}
	return nil
}
