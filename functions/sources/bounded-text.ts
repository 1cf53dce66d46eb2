// Reads the body of an HTTP answer as text, up to a bound: an endless body must not fill the memory.

/** Undefined when the body is longer than `maxBytes`; the rest is then not read. */
export const boundedText = async (response: Response, maxBytes: number): Promise<string | undefined> => {
  if (!response.body) return "";
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    bytes += value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel();
      return undefined;
    }
    text += decoder.decode(value, { stream: true });
  }
};
