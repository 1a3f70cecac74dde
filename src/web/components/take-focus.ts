/** For a `ref`: what appears has the focus. */
export const takeFocus = (element: HTMLElement | null): void => element?.focus();
